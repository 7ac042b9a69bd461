navigator.clipboard.writeText(this.nextElementSibling.textContent)
