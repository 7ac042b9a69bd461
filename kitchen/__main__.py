"""`python -m kitchen` is the command `kitchen`."""

import sys

from kitchen.cli.main import main

sys.exit(main())
