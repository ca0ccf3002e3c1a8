"""What watches the board: alert rules and a dashboard, as data.

They find the board by the label `job`, which is `board`. `instance` is the pod's name on
Kubernetes, and elsewhere the address that is scraped.
"""
