use crate::format::System;

/// What a system is called in sentences.
pub(super) fn called(system: System) -> &'static str {
    match system {
        System::Spire => "SPIRE",
        System::Vault => "Vault",
        System::CertManager => "cert-manager",
        System::Istio => "Istio",
        System::Linkerd => "Linkerd",
        System::Consul => "Consul",
        System::StepCa => "step-ca",
        System::Cfssl => "cfssl",
        System::AwsPca => "AWS Private CA",
        System::Nginx => "nginx",
        System::Haproxy => "HAProxy",
        System::Node => "Node.js",
        System::Go => "a Go program",
    }
}
