"""Faults that someone could plant, and what must refuse them.

* `faults`: the list, as data;
* `plant`: a copy of the project, and how a fault is put into it;
* `stages`: what is run over the copy, from the cheapest on, and what it refuses;
* `__main__`: plants them all, and says which survive.
"""
