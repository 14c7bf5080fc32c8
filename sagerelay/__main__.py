"""`python -m sagerelay`: the same as the command `sagerelay`, in a checkout as well."""

from sagerelay.cli import main

if __name__ == "__main__":
    main()
