package nginx

// Files are what the image brings beside its programs.
func Files() map[string]string {
	return map[string]string{
		"/usr/share/nginx/html/index.html": indexPage,
		"/usr/share/nginx/html/50x.html":   errorPage,
		"/etc/nginx/nginx.conf":            mainConfig,
		"/etc/nginx/conf.d/default.conf":   defaultConfig,
		"/etc/nginx/mime.types":            mimeTypes,
	}
}

const indexPage = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is running in a Pod of the
k8stutor sandbox. It answers, logs and reloads as nginx does.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`

const errorPage = `<!DOCTYPE html>
<html>
<head>
<title>Error</title>
</head>
<body>
<h1>An error occurred.</h1>
<p>Sorry, the page you are looking for is currently unavailable.<br/>
Please try again later.</p>
</body>
</html>
`

const mainConfig = `
user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;


events {
    worker_connections  1024;
}


http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    sendfile        on;
    keepalive_timeout  65;

    include /etc/nginx/conf.d/*.conf;
}
`

const defaultConfig = `server {
    listen       80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    # redirect server error pages to the static page /50x.html
    #
    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`

const mimeTypes = `types {
    text/html                 html htm shtml;
    text/css                  css;
    text/xml                  xml;
    text/plain                txt;
    application/javascript    js;
    application/json          json;
    image/gif                 gif;
    image/jpeg                jpeg jpg;
    image/png                 png;
    image/svg+xml             svg svgz;
    image/webp                webp;
    image/x-icon              ico;
    font/woff                 woff;
    font/woff2                woff2;
    application/pdf           pdf;
    application/wasm          wasm;
    application/zip           zip;
    video/mp4                 mp4;
    audio/mpeg                mp3;
}
`
