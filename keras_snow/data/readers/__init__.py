"""Readers: each makes splits of images and labels of one form of data."""
