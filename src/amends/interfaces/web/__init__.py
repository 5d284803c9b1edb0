"""Pages for buyers, sellers, mediators and operators: plain forms over HTML that need no script."""
