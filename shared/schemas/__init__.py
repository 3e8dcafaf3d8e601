"""The events as JSON Schemas, for those who do not read Python: generated, committed, and kept compatible.

`<type>.schema.json` is what the models say now; `released/` is what publishers were promised. A change of the models
may only add what is optional; anything else needs a `.v2` beside the `.v1`.
"""
