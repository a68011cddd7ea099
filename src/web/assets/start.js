// Starts the viewer of the API document. A file of its own, because the policy of the page allows no script inside it.

const viewer = document.getElementById('viewer');

// What the viewer leaves out for those who do not see the page or use no mouse (WCAG 2.1, 2.1.1 and 4.1.2): names of
// menus and buttons; and a link inside of a button, which can be reached by neither.
function mend() {
  for (const select of viewer.querySelectorAll('select:not([aria-label])')) {
    select.setAttribute('aria-label', select.closest('[data-param-name]')?.dataset.paramName ?? 'choice');
  }
  for (const button of viewer.querySelectorAll('.copy-to-clipboard > button:not([aria-label])')) {
    button.setAttribute('aria-label', 'Copy');
  }
  for (const link of viewer.querySelectorAll('button a[href]')) {
    link.removeAttribute('href');
  }
}

new MutationObserver(mend).observe(viewer, {childList: true, subtree: true});

// What is tried out goes to the register that shows the page, whatever address the document names: the policy of the
// page allows no other.
fetch('v1/openapi.json').then((answer) => answer.json()).then((spec) => {
  spec.servers = [{url: new URL('v1', location.href).href}];
  SwaggerUIBundle({
    spec,
    domNode: viewer,
    deepLinking: true,
    validatorUrl: null,
    displayRequestDuration: true,
    persistAuthorization: false,
  });
});
