"""What can be called: one module for each kind of resource."""
