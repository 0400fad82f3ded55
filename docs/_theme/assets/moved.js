// On a page that leads to where another page is now: go there, to the same part of it.

location.replace(document.querySelector("main a").href + location.hash);
