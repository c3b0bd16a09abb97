"""Rollups behind head office's figures. Everything here can be rebuilt from the purchases."""

from django.db import models
