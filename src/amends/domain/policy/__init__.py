"""Policy as data: packs of clauses, resolved into terms that are frozen at purchase."""
