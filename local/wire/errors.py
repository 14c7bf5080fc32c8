"""The one way a part of the embedded cloud refuses a request: with AWS's error code.

Raised by whatever answers an API call and turned into AWS's wire format at the front door only, so that the control
plane never learns about HTTP. It must not be used for mistakes of the embedded cloud itself: those stay ordinary
exceptions and show up as InternalFailure with a traceback in the log.
"""


class ApiError(Exception):
    """An answer of AWS that is an error.

    Parameters: AWS's code (`ResourceInUse`), the sentence the client shows, the HTTP status (400 unless AWS says
    otherwise), and further members of the error's shape (`OriginalStatusCode` of a ModelError).
    """

    def __init__(self, code: str, message: str, status: int = 400, **members: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members
