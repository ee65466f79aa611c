// The API reference. Requests run with the cookie of the person who is logged in.
(() => {
  const page = document.getElementById("api");
  const box = document.createElement("div");
  page.append(box);
  SwaggerUIBundle({
    url: page.dataset.href,
    domNode: box,
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
    filter: true,
    tryItOutEnabled: false,
    persistAuthorization: false,
    // The validator badge would ask a server on the internet.
    validatorUrl: null,
    onComplete: () => page.querySelector(".bones")?.remove(),
  });
})();
