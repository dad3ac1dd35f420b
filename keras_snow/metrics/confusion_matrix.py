"""How often each class is taken for each."""

import numpy as np


def confusion_matrix(
    labels: np.ndarray, answers: np.ndarray, num_classes: int
) -> np.ndarray:
    """Counts the answers to the images of each class.

    Args:
        labels: Class numbers, `(examples,)`.
        answers: What a model took them for, `(examples,)`.
        num_classes: How many classes there are.

    Returns:
        `(num_classes, num_classes)`, int: row the class, column the answer.

    Examples:
        >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
        array([[1, 1],
               [0, 1]])
    """
    matrix = np.zeros((num_classes, num_classes), "int64")
    np.add.at(matrix, (np.asarray(labels), np.asarray(answers)), 1)
    return matrix
