"""`python -m kitchen` is the command `kitchen`."""

import sys

from kitchen.cli import main

sys.exit(main())
