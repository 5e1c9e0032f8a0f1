import sys

from slipway.compat.s3.main import main

sys.exit(main())
