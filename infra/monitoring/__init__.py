"""What watches the board: alert rules and a dashboard as data, and who is given them in a cluster.

They find the board by the label `job`, which is `board`. `instance` is the pod's name where an
operator watches, and else the address that is asked.
"""
