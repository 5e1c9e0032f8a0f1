import sys

from slipway.gateway.main import run

sys.exit(run())
