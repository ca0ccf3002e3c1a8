"""The routes: one module per noun. Each guards, acts, announces and renders."""
