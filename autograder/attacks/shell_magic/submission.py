get_ipython().system("id")  # noqa: F821
