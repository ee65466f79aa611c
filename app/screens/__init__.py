"""Generated screens: what differs (`spec`), what follows (`resolve`), how it is shown and saved (`build`)."""
