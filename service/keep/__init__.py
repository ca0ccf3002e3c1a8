"""A board kept: saved, verified, restored, written out for people."""
