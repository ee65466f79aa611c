"""The field representatives' app: visits, voice notes, devices."""
