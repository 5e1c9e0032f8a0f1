import sys

from slipway.api.up import up
from slipway.base.settings import Settings

sys.exit(up(Settings()))
