"""`python -m keras_snow.cli`, for where scripts are not on the PATH."""

from keras_snow.cli.main import main

if __name__ == "__main__":
    main()
