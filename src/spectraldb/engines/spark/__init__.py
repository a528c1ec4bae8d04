"""Searches on a cluster that speaks Spark Connect: Apache Spark, Databricks, Sail."""
