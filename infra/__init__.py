"""The board on Kubernetes: `__main__` is the program that Pulumi runs."""
