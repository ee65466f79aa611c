"""Pages of accounts: log in and out, second factor, profile, passwords. Plus the REST login."""

from app.access.views.accounts import AccountView
from app.access.views.language import LanguageView
from app.access.views.login import LoginView
from app.access.views.password import PasswordView
from app.access.views.profile import ProfileView
from app.access.views.second_factor import SecondFactorView
from app.access.views.tokens import SignInApi

PAGES = (PasswordView, SecondFactorView, AccountView)

__all__ = [
    "PAGES",
    "AccountView",
    "LanguageView",
    "LoginView",
    "PasswordView",
    "ProfileView",
    "SecondFactorView",
    "SignInApi",
]
