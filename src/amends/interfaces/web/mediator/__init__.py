"""What mediators see: their queue, the workbench of a case, and how evenly cases are decided."""
