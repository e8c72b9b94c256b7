module admin {
    requires dev.mooring.activation;
}
