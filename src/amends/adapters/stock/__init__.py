"""The marketplace's stock: asked over HTTP, or a sandbox's own."""
