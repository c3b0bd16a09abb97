"""Owns contacts: the budget of each customer (C1), templates, sending, and the record of it all.

Django knows it as `messaging`.
"""
