"""Programs that serve a model inside an instance: packages on mosec, language models."""
