// Small comforts; every page works without them.
(function () {
  "use strict";

  // A screen reader and the keyboard start where the errors are listed.
  var summary = document.querySelector(".error-summary");
  if (summary) { summary.focus(); }

  function release(form) { form.removeAttribute("data-sending"); }

  // A second press of a button whose form is on its way does nothing; after a while it may be tried again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) { return; }
    if (event.submitter && event.submitter.formTarget) { return; } // A preview: the page stays.
    if (form.hasAttribute("data-sending")) { event.preventDefault(); return; }
    form.setAttribute("data-sending", "");
    window.setTimeout(release, 8000, form);
  });

  // A page that comes back from the browser's memory can be sent again.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sending]").forEach(release);
  });
})();
