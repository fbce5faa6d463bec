// Draws the page: Swagger UI where its element is, ReDoc where the other one is. The address is the page's own.
const spec = document.currentScript.dataset.spec;
const swagger = document.getElementById("swagger");
if (swagger) {
  SwaggerUIBundle({ url: spec, domNode: swagger, deepLinking: true, persistAuthorization: true, validatorUrl: null });
} else {
  Redoc.init(spec, { hideDownloadButton: false, disableSearch: true }, document.getElementById("redoc"));
}
