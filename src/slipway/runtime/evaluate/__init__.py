"""Objective evaluation: question sets against OpenAI-compatible services, scored and journaled."""
