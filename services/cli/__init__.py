"""`khobor`: the operator's command line; starts the local stack."""
