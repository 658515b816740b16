"""`make bench`: what our pages and our export cost beside the least that could do the same, as ratios of one run;
nothing is asserted."""
