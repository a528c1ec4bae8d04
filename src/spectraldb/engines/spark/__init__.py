"""Searches on a cluster with Spark Connect, such as Apache Spark, Databricks or Sail."""
