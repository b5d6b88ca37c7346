"""`python -m bot`: the same as `ecotaxa-bot`."""

import sys

from bot.cli import main

sys.exit(main())
