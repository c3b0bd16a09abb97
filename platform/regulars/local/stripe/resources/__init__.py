"""The operations of the API, one module per noun; each takes the world, parameters and ids."""
