"""The doors: pages, API, command line, worker. Each turns what comes in into commands and questions."""
