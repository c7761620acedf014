# What the tutor's terminal adds to your PowerShell, after your own profile.
if (-not (Get-Alias k -ErrorAction SilentlyContinue)) { Set-Alias k kubectl }
