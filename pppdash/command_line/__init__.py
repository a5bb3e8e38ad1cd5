"""The command line, one module a family of commands; ``__main__`` puts them together."""
