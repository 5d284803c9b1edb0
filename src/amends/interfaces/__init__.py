"""The doors: pages, API, command line, worker, agents. Each turns what comes in into commands and questions."""
