"""How well searches find what they should: the product's own engines, beside two baselines, over judged sets."""
