"""The demonstration: a sample company's incident, played from the first report to the review on the real product."""
